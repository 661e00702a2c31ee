// Squarified treemaps (Bruls, Huizing and van Wijk, 2000): rows are filled while that makes their cells squarer.

// Calls `place(item, x, y, width, height)` for items in falling order of `weight(item)`, whose sum is `total`. Those of less than
// `least` square pixels are the last ones: they get one place together, by `rest(items, x, y, width, height)`.
function squarify(items, weight, total, x, y, width, height, place, least, rest) {
  let scale = (width * height) / total;
  let at = 0;
  while (at < items.length && width > 0 && height > 0 && scale > 0) {
    if (weight(items[at]) * scale < least) return rest(items.slice(at), x, y, width, height);
    const side = Math.min(width, height);
    let row = weight(items[at]) * scale;
    const largest = row;
    let end = at + 1;
    let worst = Math.max((side * side) / row, row / (side * side));
    while (end < items.length) {
      const smallest = weight(items[end]) * scale;
      if (!(smallest > 0)) break;
      const sum = row + smallest;
      const next = Math.max((side * side * largest) / (sum * sum), (sum * sum) / (side * side * smallest));
      if (next > worst) break;
      worst = next;
      row = sum;
      end += 1;
    }
    const thickness = row / side;
    let offset = 0;
    for (; at < end; at += 1) {
      const length = (weight(items[at]) * scale) / thickness;
      if (width >= height) place(items[at], x, y + offset, thickness, length);
      else place(items[at], x + offset, y, length, thickness);
      offset += length;
    }
    if (width >= height) {
      x += thickness;
      width -= thickness;
    } else {
      y += thickness;
      height -= thickness;
    }
  }
}
