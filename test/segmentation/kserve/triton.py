"""Starts a real Triton on a model repository as `situs model export-triton` writes it (development only).

The server binary is the one inside the package nvidia-pytriton; networks run in the package onnxruntime, through a
Python-based backend that takes the name of the backend which that Triton does not bundle:

    pip install nvidia-pytriton onnxruntime
    python triton.py REPOSITORY PORT
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile

import pytriton

SERVER = pathlib.Path(pytriton.__file__).parent / "tritonserver"
HERE = pathlib.Path(__file__).parent


def backends(folder: pathlib.Path) -> pathlib.Path:
    """A backend folder with the bundled Python backend and the stand-in for `onnxruntime`."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    python = folder / "backends" / "python"
    shutil.copytree(SERVER / "backends" / "python", python)
    shutil.copy(SERVER / "python_backend_stubs" / version / "triton_python_backend_stub", python)
    stand_in = folder / "backends" / "onnxruntime"
    stand_in.mkdir()
    shutil.copy(HERE / "triton_onnxruntime.py", stand_in / "model.py")
    return folder / "backends"


def main() -> int:
    repository, port = sys.argv[1:3]
    with tempfile.TemporaryDirectory(prefix="situs-triton-") as folder:
        environment = dict(os.environ)
        libraries = sysconfig.get_config_var("LIBDIR")
        bundled = SERVER.parent.parent / "nvidia_pytriton.libs"
        paths = [str(bundled), libraries, environment.get("LD_LIBRARY_PATH", "")]
        environment["LD_LIBRARY_PATH"] = ":".join(paths)
        environment["SITUS_SITE_PACKAGES"] = sysconfig.get_path("purelib")
        server = subprocess.Popen(
            [
                str(SERVER / "bin" / "tritonserver"),
                f"--model-repository={repository}",
                f"--backend-directory={backends(pathlib.Path(folder))}",
                "--http-address=127.0.0.1",
                f"--http-port={port}",
                "--allow-grpc=false",
                "--allow-metrics=false",
                "--exit-on-error=true",
                "--disable-auto-complete-config",
                "--http-thread-count=4",
            ],
            env=environment,
        )
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: server.terminate())
        return server.wait()


if __name__ == "__main__":
    sys.exit(main())
