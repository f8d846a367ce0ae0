"""The product's routes, and one of Django's own admin to compare with."""

from django.urls import path

from benchmarks.panel import site
from enigm_command.urls import handler500
from enigm_command.urls import urlpatterns as product

__all__ = ["handler500"]
urlpatterns = [path("plain/", site.urls), *product]
