from django.apps import AppConfig


class EnigmCommandConfig(AppConfig):
    name = "enigm_command"
