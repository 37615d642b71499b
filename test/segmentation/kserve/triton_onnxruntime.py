"""Stand-in for Triton's backend `onnxruntime`, written against its Python backend (development only)."""

import json
import os
import pathlib
import sys

sys.path.insert(0, os.environ["SITUS_SITE_PACKAGES"])
import onnxruntime
import triton_python_backend_utils as triton


class TritonPythonModel:
    def initialize(self, arguments):
        folder = pathlib.Path(arguments["model_repository"])
        config = json.loads(arguments["model_config"])
        self.outputs = [output["name"] for output in config["output"]]
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        file = folder / arguments["model_version"] / config["default_model_filename"]
        self.session = onnxruntime.InferenceSession(
            str(file), options, providers=["CPUExecutionProvider"]
        )

    def execute(self, requests):
        responses = []
        for request in requests:
            feeds = {tensor.name(): tensor.as_numpy() for tensor in request.inputs()}
            answers = self.session.run(self.outputs, feeds)
            tensors = [triton.Tensor(name, value) for name, value in zip(self.outputs, answers)]
            responses.append(triton.InferenceResponse(output_tensors=tensors))
        return responses
