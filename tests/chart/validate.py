"""Checks the manifests on standard input, one JSON object a line, by the schemas of the Kubernetes version that is named. Prints a line for
each fault."""

import importlib.util
import json
import pathlib
import sys

import fastjsonschema

package = importlib.util.find_spec("kubernetes_validate")
# The strict ones refuse members that Kubernetes would leave out in silence.
schemas = pathlib.Path(
    package.submodule_search_locations[0], "kubernetes-json-schema", f"v{sys.argv[1]}-local-strict"
)
definitions = json.loads((schemas / "_definitions.json").read_text())
validators = {}


def validator(kind, version):
    """The check of a kind, or None if Kubernetes itself does not have it."""
    # `networking.k8s.io/v1` is `networking-v1` in the file's name.
    *group, version = version.split("/")
    name = "-".join([kind.lower(), *[part.split(".")[0] for part in group], version])
    if name not in validators:
        file = schemas / f"{name}.json"
        validators[name] = file.exists() and fastjsonschema.compile(
            json.loads(file.read_text()),
            # Each reference is to a definition.
            handlers={scheme: lambda _: definitions for scheme in ("", "https")},
            use_default=False,
            use_formats=False,
            detailed_exceptions=False,
        )
    return validators[name]


for line in sys.stdin:
    manifest = json.loads(line)
    kind, name = manifest["kind"], manifest["metadata"]["name"]
    check = validator(kind, manifest["apiVersion"])
    if not check:
        print(f"{kind} {name}: Kubernetes has no such kind of {manifest['apiVersion']}")
        continue
    try:
        check(manifest)
    except fastjsonschema.JsonSchemaValueException as fault:
        print(f"{kind} {name}: {fault.message}")
