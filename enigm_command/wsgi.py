import os

from django.core.wsgi import get_wsgi_application

from enigm_command import start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enigm_command.settings")
with start.or_one_line():
    application = get_wsgi_application()
    start.before_serving()
