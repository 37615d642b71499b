"""Starts the KServe Python server on a model repository as `situs model export-triton` writes it (development only).

    pip install kserve onnxruntime
    python kserve_repository.py REPOSITORY PORT
"""

import pathlib
import sys

import onnxruntime
from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer
from kserve.protocol.rest.server import RESTServer


class Network(Model):
    def __init__(self, folder: pathlib.Path):
        super().__init__(folder.name)
        self.file = folder / "1" / "model.onnx"

    def load(self) -> bool:
        self.session = onnxruntime.InferenceSession(
            str(self.file), providers=["CPUExecutionProvider"]
        )
        self.ready = True
        return self.ready

    async def get_input_types(self):
        return self.tensors(self.session.get_inputs())

    async def get_output_types(self):
        return self.tensors(self.session.get_outputs())

    def tensors(self, arguments) -> list:
        # The batch axis has a name in the network; the protocol writes −1.
        return [
            {
                "name": argument.name,
                "datatype": "FP32",
                "shape": [n if isinstance(n, int) else -1 for n in argument.shape],
            }
            for argument in arguments
        ]

    def predict(self, payload: InferRequest, headers=None, response_headers=None) -> InferResponse:
        feeds = {tensor.name: tensor.as_numpy() for tensor in payload.inputs}
        names = [output.name for output in self.session.get_outputs()]
        outputs = []
        for name, value in zip(names, self.session.run(names, feeds)):
            output = InferOutput(name=name, shape=list(value.shape), datatype="FP32")
            output.set_data_from_numpy(value, binary_data=payload.use_binary_outputs)
            outputs.append(output)
        return InferResponse(
            response_id=payload.id, model_name=self.name, infer_outputs=outputs,
            use_binary_outputs=payload.use_binary_outputs,
        )


def listen_on_loopback() -> None:
    """The package listens on every address of the machine and has no option for it."""
    prepare = RESTServer.__init__

    def prepare_for_loopback(self, *arguments, **options):
        prepare(self, *arguments, **options)
        self.config.host = "127.0.0.1"

    RESTServer.__init__ = prepare_for_loopback


def main() -> None:
    listen_on_loopback()
    repository, port = sys.argv[1:3]
    networks = []
    for config in sorted(pathlib.Path(repository).glob("*/config.pbtxt")):
        network = Network(config.parent)
        network.load()
        networks.append(network)
    ModelServer(http_port=int(port), enable_grpc=False, workers=1).start(networks)


if __name__ == "__main__":
    main()
