"""The only importers of the SDKs: Google, Azure and Kubernetes in; frozen model values and `SourceError` out."""
