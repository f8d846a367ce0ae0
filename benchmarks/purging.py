"""`python -m benchmarks.purging ORDER`: a worker that carries this order to its end."""

import sys
from uuid import UUID

import django


def main(order_id: UUID) -> None:
    """Say how many seconds it took."""
    from benchmarks.purges import carry
    from content.models import DeletionOrder

    print(carry(DeletionOrder.objects.get(pk=order_id)))


if __name__ == "__main__":
    django.setup()
    main(UUID(sys.argv[1]))
