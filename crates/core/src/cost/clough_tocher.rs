//! The cubic of AIC 0.2 on one rectangle: Clough–Tocher on two triangles with gradients that stop early.
//!
//! This is what SciPy's `griddata(method="cubic")` answers for four corners. The triangulation of a rectangle in this
//! corner order always uses the diagonal 0–3. All arithmetic is f64 in the order that the early stop depends on.

use super::interp::Cell;

const MAX_SWEEPS: usize = 400;
const STOP: f64 = 1e-6;

type V2 = (f64, f64);

/// A directed edge: vector, 1/|e|³, value and index of the other end.
#[derive(Clone, Copy)]
struct Edge {
    x: f64,
    y: f64,
    w: f64,
    df: f64,
}

fn edge(x: f64, y: f64, from: f64, to: f64) -> Edge {
    let sq = x * x + y * y;
    Edge {
        x,
        y,
        w: 1.0 / (sq * sq.sqrt()),
        df: to - from,
    }
}

/// The matrix of a vertex does not depend on the values: inverse entries, ready to apply.
#[derive(Clone, Copy)]
struct Solve {
    a: f64,
    b: f64,
    c: f64,
    det: f64,
}

fn matrix(edges: &[Edge]) -> Solve {
    let (mut a, mut b, mut c) = (0.0, 0.0, 0.0);
    for e in edges {
        a += 4.0 * e.x * e.x * e.w;
        b += 4.0 * e.x * e.y * e.w;
        c += 4.0 * e.y * e.y * e.w;
    }
    Solve {
        a,
        b,
        c,
        det: a * c - b * b,
    }
}

fn solve(m: Solve, terms: &[(Edge, V2)]) -> V2 {
    let (mut u, mut v) = (0.0, 0.0);
    for (e, g) in terms {
        let t = 6.0 * e.df - 2.0 * (e.x * g.0 + e.y * g.1);
        u += t * e.x * e.w;
        v += t * e.y * e.w;
    }
    ((m.c * u - m.b * v) / m.det, (m.a * v - m.b * u) / m.det)
}

fn change(new: V2, old: V2) -> f64 {
    (new.0 - old.0).abs().max((new.1 - old.1).abs()) / new.0.abs().max(new.1.abs()).max(1.0)
}

/// Gradients at the four corners by Gauss–Seidel from zero. The stop is absolute for gradients below one, so it comes
/// early; that truncation is part of AIC's answer.
fn gradients(cell: &Cell) -> [V2; 4] {
    let (dy, dz) = (cell.y2 - cell.y1, cell.z2 - cell.z1);
    let [f0, f1, f2, f3] = cell.f;
    let e01 = edge(0.0, dz, f0, f1);
    let e02 = edge(dy, 0.0, f0, f2);
    let e03 = edge(dy, dz, f0, f3);
    let e10 = edge(0.0, -dz, f1, f0);
    let e13 = edge(dy, 0.0, f1, f3);
    let e20 = edge(-dy, 0.0, f2, f0);
    let e23 = edge(0.0, dz, f2, f3);
    let e30 = edge(-dy, -dz, f3, f0);
    let e31 = edge(-dy, 0.0, f3, f1);
    let e32 = edge(0.0, -dz, f3, f2);
    let m0 = matrix(&[e01, e02, e03]);
    let m1 = matrix(&[e10, e13]);
    let m2 = matrix(&[e20, e23]);
    let m3 = matrix(&[e30, e31, e32]);
    let (mut g0, mut g1, mut g2, mut g3) = ((0.0, 0.0), (0.0, 0.0), (0.0, 0.0), (0.0, 0.0));
    for _ in 0..MAX_SWEEPS {
        let n0 = solve(m0, &[(e01, g1), (e02, g2), (e03, g3)]);
        let n1 = solve(m1, &[(e10, n0), (e13, g3)]);
        let n2 = solve(m2, &[(e20, n0), (e23, g3)]);
        let n3 = solve(m3, &[(e30, n0), (e31, n1), (e32, n2)]);
        let moved = change(n0, g0)
            .max(change(n1, g1))
            .max(change(n2, g2))
            .max(change(n3, g3));
        (g0, g1, g2, g3) = (n0, n1, n2, n3);
        if moved < STOP {
            break;
        }
    }
    [g0, g1, g2, g3]
}

/// A corner of the triangle that is evaluated: position, value, gradient.
type Corner = (V2, f64, V2);

fn control(from: Corner, to: Corner) -> f64 {
    let ((x0, y0), f, (gx, gy)) = from;
    let ((x1, y1), _, _) = to;
    f + (gx * (x1 - x0) + gy * (y1 - y0)) / 3.0
}

/// The cubic's value at (y, z) inside the rectangle.
pub fn value(cell: &Cell, y: f64, z: f64) -> f64 {
    let [g0, g1, g2, g3] = gradients(cell);
    let [f0, f1, f2, f3] = cell.f;
    let (p, q) = cell.shares(y, z);
    let first: Corner = ((cell.y1, cell.z1), f0, g0);
    let last: Corner = ((cell.y2, cell.z2), f3, g3);
    let (t0, t1, t2, w) = if q >= p {
        (
            first,
            ((cell.y1, cell.z2), f1, g1),
            last,
            (1.0 - q, q - p, p),
        )
    } else {
        (
            first,
            ((cell.y2, cell.z1), f2, g2),
            last,
            (1.0 - p, p - q, q),
        )
    };
    triangle(t0, t1, t2, w)
}

/// Clough–Tocher on one triangle at barycentric coordinates; the edge parameter is −1/2 on all edges of a split
/// rectangle, which gives the symmetric form of the inner control values.
fn triangle(t0: Corner, t1: Corner, t2: Corner, (w0, w1, w2): (f64, f64, f64)) -> f64 {
    let (f0, f1, f2) = (t0.1, t1.1, t2.1);
    let (a01, a02) = (control(t0, t1), control(t0, t2));
    let (a10, a12) = (control(t1, t0), control(t1, t2));
    let (a20, a21) = (control(t2, t0), control(t2, t1));
    let m0 = (f0 + a01 + a02) / 3.0;
    let m1 = (f1 + a10 + a12) / 3.0;
    let m2 = (f2 + a20 + a21) / 3.0;
    let cross = |fa: f64, ab: f64, ba: f64, fb: f64, ma: f64, mb: f64| {
        (ma + mb + 0.5 * (ab + ba - fa - fb)) / 2.0
    };
    let k12 = cross(f1, a12, a21, f2, m1, m2);
    let k20 = cross(f2, a20, a02, f0, m2, m0);
    let k01 = cross(f0, a01, a10, f1, m0, m1);
    let n0 = (k01 + k20 + m0) / 3.0;
    let n1 = (k01 + k12 + m1) / 3.0;
    let n2 = (k20 + k12 + m2) / 3.0;
    let centre = (n0 + n1 + n2) / 3.0;
    let least = w0.min(w1).min(w2);
    let (b1, b2, b3, b4) = (w0 - least, w1 - least, w2 - least, 3.0 * least);
    b1 * b1 * b1 * f0
        + 3.0 * b1 * b1 * (b2 * a01 + b3 * a02 + b4 * m0)
        + b1 * (3.0 * b2 * b2 * a10
            + 6.0 * b2 * b4 * k01
            + 3.0 * b3 * b3 * a20
            + 6.0 * b3 * b4 * k20)
        + 3.0 * b1 * b4 * b4 * n0
        + b2 * b2 * b2 * f1
        + 3.0 * b2 * b2 * (b3 * a12 + b4 * m1)
        + b2 * (3.0 * b3 * b3 * a21 + 6.0 * b3 * b4 * k12 + 3.0 * b4 * b4 * n1)
        + b3 * b3 * b3 * f2
        + 3.0 * b3 * b3 * b4 * m2
        + 3.0 * b3 * b4 * b4 * n2
        + b4 * b4 * b4 * centre
}
