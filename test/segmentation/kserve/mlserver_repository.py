"""Starts MLServer on a model repository as `situs model export-triton` writes it (development only).

MLServer reads `model-settings.json` instead of `config.pbtxt`; this makes one for each network in a folder of its own.

    pip install mlserver onnxruntime
    python mlserver_repository.py REPOSITORY PORT
"""

import json
import os
import pathlib
import re
import sys
import tempfile

import numpy
import onnxruntime
from mlserver import MLModel
from mlserver.cli.main import main as mlserver
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse

HERE = pathlib.Path(__file__)


class Network(MLModel):
    async def load(self) -> bool:
        file = self.settings.parameters.uri
        self.session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        feeds = {
            tensor.name: NumpyCodec.decode_input(tensor).astype(numpy.float32)
            for tensor in payload.inputs
        }
        names = [output.name for output in self.session.get_outputs()]
        outputs = [
            NumpyCodec.encode_output(name, value)
            for name, value in zip(names, self.session.run(names, feeds))
        ]
        return InferenceResponse(model_name=self.name, outputs=outputs)


def tensors(config: str, kind: str) -> list:
    found = re.findall(kind + r' \[ \{ name: "(\w+)" data_type: TYPE_FP32 dims: \[ ([\d, ]+) \]', config)
    return [
        {"name": name, "datatype": "FP32", "shape": [int(n) for n in dims.split(",")]}
        for name, dims in found
    ]


def main() -> None:
    repository, port = sys.argv[1:3]
    with tempfile.TemporaryDirectory(prefix="situs-mlserver-") as folder:
        root = pathlib.Path(folder)
        server = {"host": "127.0.0.1", "http_port": int(port), "parallel_workers": 0}
        server |= {"grpc_port": int(port) + 1, "metrics_port": int(port) + 2}
        (root / "settings.json").write_text(json.dumps(server))
        for config in sorted(pathlib.Path(repository).glob("*/config.pbtxt")):
            text = config.read_text()
            settings = {
                "name": config.parent.name,
                "implementation": f"{HERE.stem}.Network",
                "inputs": tensors(text, "input"),
                "outputs": tensors(text, "output"),
                "parameters": {"version": "1", "uri": str(config.parent / "1" / "model.onnx")},
            }
            target = root / config.parent.name
            target.mkdir()
            (target / "model-settings.json").write_text(json.dumps(settings))
        sys.path.insert(0, str(HERE.parent))
        os.chdir(root)
        sys.argv = ["mlserver", "start", folder]
        mlserver()


if __name__ == "__main__":
    main()
