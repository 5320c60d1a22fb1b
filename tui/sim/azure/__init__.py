"""Azure Resource Manager: AKS, Service Linker, KubernetesConfiguration, providers, and the token endpoint."""
