"""GKE Hub, Connect gateway, Resource Manager and Service Usage, as the services answer."""
