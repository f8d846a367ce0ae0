from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig


class AccountsConfig(AppConfig):
    name = "accounts"


class AdminWithoutLog(SimpleAdminConfig):
    """Django's admin without its table of who changed what: an act stands in one log, ours."""

    def import_models(self) -> None:
        assert self.apps is not None, "the registry asks for models when it has this app"
        self.models = self.apps.all_models[self.label]
