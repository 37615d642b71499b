"""How bright every tissue is in one scan: physics of the three scan types, with parameters drawn at random."""
from dataclasses import dataclass

import numpy as np

SCANS = ('ct_abdomen', 't1_in_phase', 'haste')
BLOOD = {'arterial_blood', 'venous_blood', 'portal_blood'}
FILLING = {'stool', 'stomach_content', 'bowel_fluid'}


@dataclass
class Contrast:
    """Mean and standard deviation of the texture for every tissue, in HU or arbitrary MR units, and the noise."""

    scan: str
    mean: np.ndarray
    texture: np.ndarray
    noise: float


def draw(scan: str, tissues: list[dict], rng: np.random.Generator, jitter: float = 1.0) -> Contrast:
    """Draw a contrast for a scan type. `jitter` scales how far tissues stray from their typical values; 0 is typical."""
    return _ct(tissues, rng, jitter) if scan == 'ct_abdomen' else _mr(scan, tissues, rng, jitter)


def _column(tissues: list[dict], key: str) -> np.ndarray:
    return np.array([t[key] for t in tissues], np.float64)


def _ct(tissues: list[dict], rng: np.random.Generator, jitter: float) -> Contrast:
    """CT numbers between plain and beyond portal venous phase; each tissue takes up contrast agent at its own pace."""
    names = [t['name'] for t in tissues]
    plain, venous = _column(tissues, 'hu'), _column(tissues, 'huEnhanced')
    enhanced = rng.random() < 0.75
    phase = rng.uniform(0.6, 1.3) * np.exp(jitter * rng.normal(0, 0.25, len(names))) if enhanced else 0.0
    mean = plain + phase * (venous - plain)
    if enhanced and rng.random() < 0.25:  # arterial phase: the aorta bright, veins and parenchyma late
        for i, name in enumerate(names):
            if name == 'arterial_blood':
                mean[i] += rng.uniform(50, 200)
            elif name in ('venous_blood', 'portal_blood', 'liver'):
                mean[i] = plain[i] + rng.uniform(0, 0.5) * (venous[i] - plain[i])
    if enhanced and rng.random() < 0.2:  # excretion
        mean[names.index('urine')] += rng.uniform(0, 400)
    spread = np.clip(0.06 * np.abs(plain), 5, 60)
    mean = mean + jitter * rng.normal(0, 1, len(names)) * spread
    for i, name in enumerate(names):
        if name in FILLING:
            mean[i] += jitter * (rng.uniform(80, 400) if rng.random() < 0.15 else rng.normal(0, 20))
    mean[names.index('air')] = -1000
    texture = _column(tissues, 'huTexture') * rng.uniform(0.5, 1.5)
    return Contrast('ct_abdomen', mean, texture, float(rng.uniform(4, 25)))


def _mr(scan: str, tissues: list[dict], rng: np.random.Generator, jitter: float) -> Contrast:
    """Spoiled gradient echo with water and fat in phase, or a single-shot fast spin echo."""
    names = [t['name'] for t in tissues]
    n = len(names)
    field = 't15' if rng.random() < 0.5 else 't30'
    t1 = np.array([t['t1'][field] for t in tissues]) * np.exp(jitter * rng.normal(0, 0.12, n))
    t2 = np.array([t['t2'][field] for t in tissues]) * np.exp(jitter * rng.normal(0, 0.18, n))
    pd = _column(tissues, 'protonDensity') * np.exp(jitter * rng.normal(0, 0.07, n))
    water, fat = _column(tissues, 'water'), _column(tissues, 'fat')
    fat = np.clip(fat + jitter * np.where(fat > 0, rng.normal(0, 0.03, n), 0), 0, 1)
    fat_t1, fat_t2 = (343, 58) if field == 't15' else (382, 68)
    if scan == 't1_in_phase':
        tr, flip = rng.uniform(4, 200), np.radians(rng.uniform(8, 15))
        if tr > 20:
            flip = np.radians(rng.uniform(50, 80))
        te = 4.6 if field == 't15' else 2.3
        mean = pd * (water * _spoiled(t1, t2 * 0.6, tr, te, flip) + fat * _spoiled(fat_t1, fat_t2 * 0.6, tr, te, flip))
        if rng.random() < 0.25:  # after a gadolinium chelate: as CT takes up iodine, only as a shorter T1
            uptake = np.clip((_column(tissues, 'huEnhanced') - _column(tissues, 'hu')) / 120, 0, 1.5)
            mean *= 1 + rng.uniform(0.3, 1.2) * uptake
        flow = rng.uniform(0.7, 2.2, n)
    else:
        te = rng.uniform(60, 120)
        mean = pd * (water * np.exp(-te / t2) + fat * np.exp(-te / (fat_t2 * rng.uniform(1.6, 3.0))))
        if rng.random() < 0.2:  # fat saturation
            mean -= rng.uniform(0.7, 1.0) * pd * fat * np.exp(-te / (fat_t2 * 2.0))
        flow = rng.uniform(0.05, 1.1, n)
    for i, name in enumerate(names):
        if name in BLOOD or name == 'myocardium' and scan == 'haste':
            mean[i] *= flow[i]
        elif name in FILLING:
            mean[i] *= np.exp(jitter * rng.normal(0, 0.4))
    mean = np.maximum(mean, 0)
    texture = _column(tissues, 'texture') * mean * rng.uniform(0.5, 1.5)
    reference = np.percentile(mean[mean > 0], 70)
    return Contrast(scan, mean, texture, float(reference * rng.uniform(0.01, 0.08)))


def _spoiled(t1: np.ndarray | float, t2star: np.ndarray | float, tr: float, te: float, flip: float) -> np.ndarray:
    """Steady-state signal of a spoiled gradient echo for unit proton density."""
    e1 = np.exp(-tr / t1)
    return np.sin(flip) * (1 - e1) / (1 - np.cos(flip) * e1) * np.exp(-te / t2star)
