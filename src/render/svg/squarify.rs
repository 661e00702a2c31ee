//! Squarified treemaps (Bruls, Huizing and van Wijk, 2000): rows are filled while that makes their cells squarer.

/// A place in the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) w: f64,
    pub(super) h: f64,
}

impl Rect {
    pub(super) fn area(self) -> f64 {
        self.w * self.h
    }

    /// What is left when a part of the longer side is given away, and that part.
    fn cut(self, thickness: f64) -> (Self, Self) {
        if self.w >= self.h {
            (Self { w: thickness, ..self }, Self { x: self.x + thickness, w: (self.w - thickness).max(0.0), ..self })
        } else {
            (Self { h: thickness, ..self }, Self { y: self.y + thickness, h: (self.h - thickness).max(0.0), ..self })
        }
    }
}

/// A place for each weight, as large as its share of all. Weights are positive, the heaviest first.
pub(super) fn squarify(weights: &[u64], mut area: Rect) -> Vec<Rect> {
    let total: f64 = weights.iter().map(|weight| *weight as f64).sum();
    let scale = area.area() / total;
    let mut places = Vec::with_capacity(weights.len());
    while places.len() < weights.len() {
        let rest = &weights[places.len()..];
        let side = area.w.min(area.h);
        let row = row(rest, scale, side);
        let sum: f64 = rest[..row].iter().map(|weight| *weight as f64 * scale).sum();
        let thickness = if side > 0.0 { sum / side } else { 0.0 };
        let is_column = area.w >= area.h;
        let (part, left) = area.cut(thickness);
        let mut offset = 0.0;
        for weight in &rest[..row] {
            let length = if thickness > 0.0 { *weight as f64 * scale / thickness } else { 0.0 };
            places.push(if is_column {
                Rect { y: part.y + offset, h: length, ..part }
            } else {
                Rect { x: part.x + offset, w: length, ..part }
            });
            offset += length;
        }
        area = left;
    }
    places
}

/// How many of the next make the squarest row.
fn row(weights: &[u64], scale: f64, side: f64) -> usize {
    let largest = weights[0] as f64 * scale;
    let square = side * side;
    let mut sum = largest;
    let mut worst = (square / sum).max(sum / square);
    for (at, weight) in weights.iter().enumerate().skip(1) {
        let smallest = *weight as f64 * scale;
        let wider = sum + smallest;
        let next = (square * largest / (wider * wider)).max(wider * wider / (square * smallest));
        // The other way round where a side is nothing: then all is one row.
        if next > worst {
            return at;
        }
        (sum, worst) = (wider, next);
    }
    weights.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_has_its_share_and_none_covers_another() {
        let area = Rect { x: 10.0, y: 20.0, w: 600.0, h: 400.0 };
        let weights = [6, 6, 4, 3, 2, 2, 1];
        let places = squarify(&weights, area);
        for (weight, place) in weights.iter().zip(&places) {
            assert!((place.area() - *weight as f64 * 10_000.0).abs() < 1e-6, "{place:?}");
            assert!(place.x >= 10.0 && place.y >= 20.0 && place.x + place.w < 610.001 && place.y + place.h < 420.001, "{place:?}");
        }
        for (at, one) in places.iter().enumerate() {
            for other in &places[..at] {
                let across = (one.x + one.w).min(other.x + other.w) - one.x.max(other.x);
                let down = (one.y + one.h).min(other.y + other.h) - one.y.max(other.y);
                assert!(across < 1e-6 || down < 1e-6, "{one:?} {other:?}");
            }
        }
        // The example of the paper begins with two halves of the left half.
        assert_eq!((places[0].w, places[0].h), (300.0, 200.0));
    }

    #[test]
    fn extremes_end() {
        let area = Rect { x: 0.0, y: 0.0, w: 100.0, h: 100.0 };
        let places = squarify(&[u64::MAX / 2, 1, 1], area);
        assert!(places.len() == 3 && places.iter().all(|place| place.w.is_finite() && place.h.is_finite()));
        assert_eq!(squarify(&vec![1; 3000], area).len(), 3000);
        assert_eq!(squarify(&[3], Rect { w: 0.0, ..area }).len(), 1);
    }
}
