"""How the API server prints each kind as rows of a Table: one module per family of kinds.

Each module has `PRINTINGS`, from (group, plural) to its columns and its cells. The rules are those of k8s.io/kubernetes
pkg/printers/internalversion/printers.go; names, types, formats, priorities and descriptions of columns are those of a
recorded 1.36 server, whose tables the tests compare with these.
"""
