"""A4 to A6: the nonzero crop, statistics and normalisation schemes."""

import numpy as np
from nnunetv2.preprocessing.cropping.cropping import crop_to_nonzero

from formulas import hashed, noise, noise32
from golden_file import Case
from nnunet_bits import Setup, plans_of


def shell(shape, low, high) -> np.ndarray:
    """A closed box of ones, hollow inside."""
    image = np.zeros(shape, np.float32)
    image[tuple(slice(a, b) for a, b in zip(low, high))] = 1
    image[tuple(slice(a + 1, b - 1) for a, b in zip(low, high))] = 0
    return image


def crops() -> Case:
    case = Case("A4", "nonzero crop: holes open/closed in 3-D, open only diagonally, touching the border, all-zero, "
                      "single voxel, 2 channels")
    shape = (9, 10, 11)
    images: dict[str, np.ndarray] = {}
    images["closed hole"] = shell(shape, (2, 2, 3), (7, 8, 9))
    opened = images["closed hole"].copy()
    opened[4, 2, 5] = 0
    images["hole open in 3-D, closed in two planes"] = opened
    diagonal = images["closed hole"].copy()
    diagonal[2, 2, 3:9] = 0
    images["hole open over an edge only"] = diagonal
    corner = images["closed hole"].copy()
    corner[2, 2, 3] = 0
    images["hole open over a corner only"] = corner
    border = np.ones(shape, np.float32)
    border[3:6, 4:7, 8:] = 0
    border[2:4, 2:4, 2:4] = 0
    images["hole touching the border"] = border
    whole = shell(shape, (0, 0, 0), shape)
    images["shell of the whole array"] = whole
    images["all zero"] = np.zeros(shape, np.float32)
    images["no zero"] = np.full(shape, -3.0, np.float32)
    single = np.zeros(shape, np.float32)
    single[4, 9, 0] = 1e-30
    images["single voxel"] = single
    signed = np.zeros(shape, np.float32)
    signed[1:3, 1:3, 1:3] = -0.0
    signed[5, 5, 5] = -1.0
    signed[6, 7, 2] = np.float32(1e-45)
    images["minus zero and subnormal"] = signed
    nested = shell(shape, (0, 0, 0), shape)
    nested += shell(shape, (3, 3, 3), (6, 7, 8))
    images["shell in a shell"] = nested
    images["random"] = (hashed(3, int(np.prod(shape))) % 3 == 0).astype(np.float32).reshape(shape)
    thin = np.zeros((1, 10, 11), np.float32)
    thin[0, 2:8, 3:9] = 1
    thin[0, 4:6, 5:7] = 0
    images["one plane: every hole touches the border"] = thin
    images["2 channels"] = np.stack([shell(shape, (2, 2, 2), (6, 6, 6)), single])
    facts = []
    for name, image in images.items():
        channels = image if image.ndim == 4 else image[None]
        _, mask, bbox = crop_to_nonzero(channels.copy())
        at = len(facts)
        case.add(f"image{at}", channels)
        case.add(f"mask{at}", (mask[0] + 1).astype(np.uint8))
        facts.append({"name": name, "channels": len(channels), "shape": list(image.shape[-3:]), "bbox": bbox})
    case.fact("images", facts)
    setup = Setup(2, dataset={"channel_names": {"0": "T1", "1": "T2"}})
    case.fact("twoChannels", setup.changes)
    return case


def statistics() -> Case:
    case = Case("A5", "mean/std: N = 5, 127, 129, 8191, 8193, 20 000 001; masked; transposed")
    facts, results = [], []
    for n in (5, 7, 8, 127, 128, 129, 1000, 8191, 8192, 8193, 16385, 100_003, 20_000_001):
        for scale, offset in ((300.0, 500.0), (1.0, 0.0)):
            if n > 1e6 and offset == 0:
                continue
            values = noise32(n % 1000 + 5, (n,), scale, offset)
            results.append([values.mean(), values.std()])
            facts.append({"count": n, "seed": n % 1000 + 5, "scale": scale, "offset": offset})
    case.add("results", np.array(results, np.float32))
    case.fact("arrays", facts)
    whole = []
    shape = (23, 19, 29)
    volume = noise32(77, shape, 300.0, 500.0)
    # A ball of values in zeros, with a hole that the mask fills.
    z, y, x = np.indices(shape)
    ball = (z - 11) ** 2 + (y - 9) ** 2 + (x - 14) ** 2 < 80
    hole = (z - 11) ** 2 + (y - 9) ** 2 + (x - 14) ** 2 < 9
    masked = np.where(ball & ~hole, volume, np.float32(0))
    for transpose in ([0, 1, 2], [1, 0, 2], [2, 0, 1], [2, 1, 0]):
        for use_mask in (False, True):
            setup = Setup(2, top=plans_of(transpose),
                          configuration={"normalization_schemes": ["ZScoreNormalization"], "use_mask_for_norm": [use_mask]})
            data, _, _ = setup.preprocess(masked if use_mask else volume, [1.0, 1.0, 1.0])
            if transpose in ([0, 1, 2], [2, 0, 1]) or use_mask:
                case.add(f"output{len(whole)}", data[0])
                whole.append({"name": f"transpose {transpose}, {'masked' if use_mask else 'whole'}", "masked": use_mask,
                              "shape": list(data.shape[1:]), "changes": setup.changes})
    case.add("ball", (ball & ~hole).astype(np.uint8))
    case.fact("shape", shape)
    case.fact("volumes", whole)
    return case


def schemes() -> Case:
    case = Case("A6", "each normalisation scheme incl. σ = 0, constant image, masked")
    shape = (7, 8, 9)
    image = noise32(60, shape, 800.0, 20.0)
    image[2, 3, 4] = 0
    framed = image.copy()
    framed[0] = framed[:, 0] = framed[:, :, 0] = 0
    framed[3, 4, 5] = 0
    constant = np.full(shape, 41.7, np.float32)
    constant_framed = np.where(framed != 0, np.float32(41.7), np.float32(0))
    zero = np.zeros(shape, np.float32)
    near = (1e4 + noise(61, shape, 1e-3)).astype(np.float32)
    colours = (hashed(62, 504) % 256).astype(np.float32).reshape(shape)
    ct = {"mean": 99.48007965087891, "std": 37.13871002197266, "percentile_00_5": -12.0123456789, "percentile_99_5": 197.987654321}
    flat = {**ct, "std": 0.0}
    narrow = {**ct, "std": 3e-9}
    rows = [
        ("ZScoreNormalization", "values", image, False, {}), ("ZScoreNormalization", "values, masked", framed, True, {}),
        ("ZScoreNormalization", "constant", constant, False, {}),
        ("ZScoreNormalization", "constant, masked", constant_framed, True, {}),
        ("ZScoreNormalization", "all zero", zero, False, {}), ("ZScoreNormalization", "all zero, masked", zero, True, {}),
        ("ZScoreNormalization", "deviation near rounding", near, False, {}),
        ("CTNormalization", "values", image, False, ct), ("CTNormalization", "deviation 0", image, False, flat),
        ("CTNormalization", "deviation below 1e-8", image, False, narrow), ("CTNormalization", "masked", framed, True, ct),
        ("CTNormalization", "constant", constant, False, ct),
        ("NoNormalization", "values", image, False, {}), ("RescaleTo01Normalization", "values", image, False, {}),
        ("RescaleTo01Normalization", "constant", constant, False, {}), ("RescaleTo01Normalization", "all zero", zero, False, {}),
        ("RescaleTo01Normalization", "masked", framed, True, {}),
        ("RGBTo01Normalization", "values", colours, False, {}), ("RGBTo01Normalization", "all zero", zero, False, {}),
    ]
    facts = []
    for scheme, name, values, use_mask, properties in rows:
        setup = Setup(2, top={"foreground_intensity_properties_per_channel": {"0": properties}},
                      configuration={"normalization_schemes": [scheme], "use_mask_for_norm": [use_mask]})
        data, _, _ = setup.preprocess(values, [1.0, 1.0, 1.0])
        case.add(f"input{len(facts)}", values)
        case.add(f"output{len(facts)}", data[0])
        facts.append({"name": f"{scheme}, {name}", "shape": list(data.shape[1:]), "changes": setup.changes})
    refused = Setup(2, configuration={"normalization_schemes": ["RGBTo01Normalization"]})
    for values in (colours - 1, colours + 1):
        try:
            refused.preprocess(values, [1.0, 1.0, 1.0])
        except AssertionError:
            continue
        raise ValueError("nnU-Net accepted what is no RGB image")
    case.fact("shape", shape)
    case.fact("volumes", facts)
    case.fact("rgb", refused.changes)
    return case


CASES = {"A4": crops, "A5": statistics, "A6": schemes}
