// What a reader can't read: functions that run in the page, each to a list of sentences.

/**
 * Titles, headings, tables, names in legends and texts of tiles that are larger than their place: a reader sees dots, or
 * does not see that there is more.
 */
export function cutOff(phone) {
  const over = (element) => element.scrollWidth - element.clientWidth > 1;
  const where = phone ? 'h2' : 'h2, [role=columnheader], [role=columnheader] *';
  const titles = [...document.querySelectorAll(where)].filter(
    (element) => getComputedStyle(element).overflow !== 'visible' && over(element)
  );
  // Tables are moved with a finger on a phone.
  const tables = [...document.querySelectorAll('[role=grid]')].filter((grid) => !phone && over(grid)).map((grid) => {
    const headings = [...grid.querySelectorAll('[role=columnheader]')].map((heading) => heading.textContent);
    return `a table of ${headings.join(', ')}`;
  });
  // A narrow legend has no room for names, but their colours.
  const legends = [...document.querySelectorAll('[data-testid="data-testid viz-layout-legend"] button')].filter(
    (name) => !phone && over(name)
  );
  /** What is written into a panel itself, on a tile above all: against the panel's four edges, and large enough. */
  const texts = [...document.querySelectorAll('[data-testid="data-testid panel content"]')].flatMap((panel) => {
    const walker = document.createTreeWalker(panel, NodeFilter.SHOW_TEXT);
    const box = panel.getBoundingClientRect();
    const found = [];
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      if (text.parentElement.closest('[role=grid], svg, table, [data-testid="data-testid viz-layout-legend"]')) continue;
      const range = document.createRange();
      range.selectNodeContents(text);
      const own = range.getBoundingClientRect();
      const beside = Math.max(box.left - own.left, own.right - box.right) > 1;
      const above = Math.max(box.top - own.top, own.bottom - box.bottom) > own.height / 4; // a line is higher than its letters
      const tiny = parseFloat(getComputedStyle(text.parentElement).fontSize) < 9; // shrunk until it fits
      if (own.width && (beside || above || tiny)) found.push(text);
    }
    return found;
  });
  return [...new Set([...[...titles, ...legends, ...texts].map((element) => element.textContent), ...tables])];
}

/** Texts whose contrast with what is behind them is under WCAG's AA: 4.5, of large ones 3. */
export function pale() {
  const numbers = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
  const colours = (text) => (text.match(/rgba?\([^)]*\)/g) ?? []).map((one) => {
    const [r, g, b, a = 1] = numbers(one);
    return [r, g, b, a];
  });
  const over = ([r, g, b, a], [R, G, B]) => [r * a + R * (1 - a), g * a + G * (1 - a), b * a + B * (1 - a)];
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  /** The colours that may be behind an element: of a gradient its ends. */
  const behind = (element) => {
    if (!element) return [[255, 255, 255]];
    const style = getComputedStyle(element);
    const own = [...colours(style.backgroundImage), ...colours(style.backgroundColor)].filter(([, , , a]) => a > 0);
    const rect = element.tagName === 'text' && element.previousElementSibling?.tagName === 'rect';
    if (rect) {
      const drawn = getComputedStyle(element.previousElementSibling);
      const [[r, g, b]] = colours(drawn.fill);
      own.push([r, g, b, Number(drawn.fillOpacity)]);
    }
    const solid = own.find(([, , , a]) => a === 1);
    if (own.length && solid) return own.map((one) => (one[3] === 1 ? one.slice(0, 3) : over(one, solid)));
    const under = behind(element.parentElement);
    return own.length ? own.flatMap((one) => under.map((ground) => over(one, ground))) : under;
  };
  const found = new Set();
  for (const element of document.querySelectorAll('body *')) {
    const text = [...element.childNodes].filter((n) => n.nodeType === 3).map((n) => n.textContent.trim()).join(' ').trim();
    const style = getComputedStyle(element);
    if (!text || style.visibility === 'hidden' || !element.getClientRects().length) continue;
    const [ink] = colours(element instanceof SVGElement ? style.fill : style.color);
    if (!ink || ink[3] === 0 || Number(style.opacity) === 0) continue;
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    const least = Math.min(...behind(element).map((ground) => contrast(over(ink, ground), ground)));
    if (least < (large ? 3 : 4.5) - 0.005) {
      const panel = element.closest('section, [data-panel]')?.querySelector('h2')?.textContent ?? '';
      found.add(`${panel}: ${text.slice(0, 40)} (${least.toFixed(2)}, ${style.color})`);
    }
  }
  return [...found];
}
