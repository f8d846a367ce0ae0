"""The whole life of a server, told over HTTP as a browser and an app live it (`manage.py demo`)."""
