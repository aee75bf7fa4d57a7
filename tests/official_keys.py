"""The official state-dict keys and shapes, written down from the rules of the released codes, network by network.

Nothing here looks at the networks of the project, so that both can be held against each other for any size.
"""

from itertools import pairwise

Keys = dict[str, tuple[int, ...]]


def progressive(levels: int, channels: int, aspect: int, head: str) -> tuple[Keys, Keys]:
    """Generator and discriminator of SB-GAN's layout stage (head "mask") or RGB baseline (head "rgb")."""
    generator: Keys = {}
    discriminator: Keys = {}
    for i in range(levels):
        narrow, wide = min(512, 2 ** (12 - i)), min(512, 2 ** (13 - i))
        g, d = f"blocks.{i}.", f"blocks.{levels - 1 - i}."
        first = {g + "fc1": (512 * 16 * aspect, 512)} if i == 0 else {g + "conv1": (narrow, wide, 3, 3)}
        weights = {**first, g + "conv2": (narrow, narrow, 3, 3), g + f"to_{head}": (channels, narrow, 1, 1)}
        generator |= with_biases(weights)
        kernel = 4 if i == 0 else 3
        weights = {
            d + f"from_{head}": (narrow, channels, 1, 1),
            d + "conv1": (narrow, narrow, 3, 3),
            d + "conv2": (wide, narrow, kernel, kernel),
        }
        discriminator |= with_biases(weights | ({d + "fc3": (1, 512)} if i == 0 else {}))
    return generator, discriminator


def with_biases(weights: Keys) -> Keys:
    return {
        key: shape
        for name, weight in weights.items()
        for key, shape in ((f"{name}.weight", weight), (f"{name}.bias", weight[:1]))
    }


def spectral(name: str, weight: tuple[int, ...], *, bias: bool) -> Keys:
    """A layer under PyTorch's classic spectral normalisation."""
    rest = 1
    for side in weight[1:]:
        rest *= side
    keys: Keys = {f"{name}.weight_orig": weight, f"{name}.weight_u": weight[:1], f"{name}.weight_v": (rest,)}
    return keys | ({f"{name}.bias": weight[:1]} if bias else {})


def spade_generator(labels: int, f: int, upsampling: str) -> Keys:
    blocks = [("head_0", 16, 16), ("G_middle_0", 16, 16), ("G_middle_1", 16, 16)]
    blocks += [("up_0", 16, 8), ("up_1", 8, 4), ("up_2", 4, 2), ("up_3", 2, 1)]
    widths = [(name, a * f, b * f) for name, a, b in blocks] + ([("up_4", f, f // 2)] if upsampling == "most" else [])
    keys = with_biases({"fc": (16 * f, labels, 3, 3), "conv_img": (3, widths[-1][2], 3, 3)})
    for name, fin, fout in widths:
        middle = min(fin, fout)
        keys |= spectral(f"{name}.conv_0", (middle, fin, 3, 3), bias=True)
        keys |= spectral(f"{name}.conv_1", (fout, middle, 3, 3), bias=True)
        norms = {"norm_0": fin, "norm_1": middle}
        if fin != fout:
            keys |= spectral(f"{name}.conv_s", (fout, fin, 1, 1), bias=False)
            norms["norm_s"] = fin
        for norm, width in norms.items():
            stem = f"{name}.{norm}"
            keys |= {f"{stem}.param_free_norm.running_{what}": (width,) for what in ("mean", "var")}
            keys[f"{stem}.param_free_norm.num_batches_tracked"] = ()
            keys |= with_biases(
                {
                    f"{stem}.mlp_shared.0": (128, labels, 3, 3),
                    f"{stem}.mlp_gamma": (width, 128, 3, 3),
                    f"{stem}.mlp_beta": (width, 128, 3, 3),
                }
            )
    return keys


def spade_discriminator(channels: int, ndf: int, layers: int, scales: int) -> Keys:
    keys: Keys = {}
    for k in range(scales):
        stem = f"discriminator_{k}."
        widths = [min(512, ndf * 2**n) for n in range(layers)]
        keys |= with_biases(
            {
                f"{stem}model0.0": (widths[0], channels, 4, 4),
                f"{stem}model{layers}.0": (1, widths[-1], 4, 4),
            }
        )
        for n in range(1, layers):
            keys |= spectral(f"{stem}model{n}.0.0", (widths[n], widths[n - 1], 4, 4), bias=False)
    return keys


def drn(arch: str, classes: int) -> Keys:
    counts = {"22": (2, 2, 2, 2), "38": (3, 4, 6, 3), "54": (3, 4, 6, 3), "105": (3, 4, 23, 3)}[arch[6:]]
    expansion = 4 if arch[6:] in ("54", "105") else 1
    keys: Keys = {}
    plain = [(0, 3, 16, 7), (1, 16, 16, 3), (2, 16, 32, 3), (7, 512 * expansion, 512, 3), (8, 512, 512, 3)]
    for layer, width_in, width, kernel in plain:
        keys |= normalised(f"base.{layer}.0", f"base.{layer}.1", (width, width_in, kernel, kernel))
    width_in = 32
    for layer, planes, count in zip((3, 4, 5, 6), (64, 128, 256, 512), counts, strict=True):
        for block in range(count):
            stem, width = f"base.{layer}.{block}.", planes * expansion
            kernels = (1, 3, 1) if expansion == 4 else (3, 3)
            sides = [width_in, *(planes for _ in kernels[1:]), width]
            for n, kernel in enumerate(kernels, start=1):
                keys |= normalised(f"{stem}conv{n}", f"{stem}bn{n}", (sides[n], sides[n - 1], kernel, kernel))
            if block == 0:
                keys |= normalised(f"{stem}downsample.0", f"{stem}downsample.1", (width, width_in, 1, 1))
            width_in = width
    return keys | with_biases({"seg": (classes, 512, 1, 1)}) | {"up.weight": (classes, 1, 16, 16)}


def normalised(convolution: str, norm: str, weight: tuple[int, ...]) -> Keys:
    keys: Keys = {f"{convolution}.weight": weight, f"{norm}.num_batches_tracked": ()}
    return keys | {f"{norm}.{what}": weight[:1] for what in ("weight", "bias", "running_mean", "running_var")}


def biggan_layer(name: str, weight: tuple[int, ...], *, bias: bool = True) -> Keys:
    keys: Keys = {f"{name}.weight": weight, f"{name}.u0": (1, weight[0]), f"{name}.sv0": (1,)}
    return keys | ({f"{name}.bias": weight[:1]} if bias else {})


def attention(stem: str, width: int) -> Keys:
    keys: Keys = {f"{stem}.gamma": ()}
    for name, fout, fin in (("theta", 8, 1), ("phi", 8, 1), ("g", 2, 1), ("o", 1, 2)):
        keys |= biggan_layer(f"{stem}.{name}", (width // fout, width // fin, 1, 1), bias=False)
    return keys


G_WIDTHS = {64: (16, 16, 8, 4, 2), 128: (16, 16, 8, 4, 2, 1), 256: (16, 16, 8, 8, 4, 2, 1)}
D_WIDTHS = {64: (1, 2, 4, 8, 16), 128: (1, 2, 4, 8, 16, 16), 256: (1, 2, 4, 8, 8, 16, 16)}


def biggan_generator(
    resolution: int, ch: int, dim_z: int, classes: int, shared: int | None, attended: tuple[int, ...], *, hier: bool
) -> Keys:
    widths = [ch * multiple for multiple in G_WIDTHS[resolution]]
    part = dim_z // len(widths)
    keys = biggan_layer("linear", (widths[0] * 16, part if hier else dim_z))
    if shared is not None:
        keys["shared.weight"] = (classes, shared)
    for i, (fin, fout) in enumerate(pairwise(widths)):
        stem = f"blocks.{i}.0."
        keys |= biggan_layer(f"{stem}conv1", (fout, fin, 3, 3))
        keys |= biggan_layer(f"{stem}conv2", (fout, fout, 3, 3))
        keys |= biggan_layer(f"{stem}conv_sc", (fout, fin, 1, 1))
        for norm, width in (("bn1", fin), ("bn2", fout)):
            keys |= {f"{stem}{norm}.stored_{what}": (width,) for what in ("mean", "var")}
            for what in ("gain", "bias"):
                if shared is None:
                    keys[f"{stem}{norm}.{what}.weight"] = (classes, width)
                else:
                    size = shared + (part if hier else 0)
                    keys |= biggan_layer(f"{stem}{norm}.{what}", (width, size), bias=False)
        if 8 * 2**i in attended:
            keys |= attention(f"blocks.{i}.1", fout)
    last = widths[-1]
    keys |= {f"output_layer.0.{what}": (last,) for what in ("gain", "bias", "stored_mean", "stored_var")}
    return keys | biggan_layer("output_layer.2", (3, last, 3, 3))


def biggan_discriminator(resolution: int, ch: int, classes: int, attended: tuple[int, ...]) -> Keys:
    widths = [3, *(ch * multiple for multiple in D_WIDTHS[resolution])]
    keys: Keys = {}
    side = resolution
    for i, (fin, fout) in enumerate(pairwise(widths)):
        halved = i < len(widths) - 2
        side = side // 2 if halved else side
        stem = f"blocks.{i}.0."
        keys |= biggan_layer(f"{stem}conv1", (fout, fin, 3, 3))
        keys |= biggan_layer(f"{stem}conv2", (fout, fout, 3, 3))
        if halved or fin != fout:
            keys |= biggan_layer(f"{stem}conv_sc", (fout, fin, 1, 1))
        if side in attended:
            keys |= attention(f"blocks.{i}.1", fout)
    keys |= biggan_layer("linear", (1, widths[-1]))
    return keys | biggan_layer("embed", (classes, widths[-1]), bias=False)
