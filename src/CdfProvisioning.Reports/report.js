'use strict';
for (const button of document.querySelectorAll('th button')) {
  button.addEventListener('click', () => {
    const header = button.closest('th');
    const column = header.cellIndex;
    const body = header.closest('table').tBodies[0];
    const isNumber = header.dataset.sort === 'number';
    const sign = header.getAttribute('aria-sort') === (isNumber ? 'descending' : 'ascending') ? (isNumber ? 1 : -1) : (isNumber ? -1 : 1);
    const value = row => row.cells[column].dataset.value;
    const compare = (a, b) => isNumber ? value(a) - value(b) : value(a).localeCompare(value(b));
    [...body.rows].map((row, place) => ({ row, place }))
      .sort((a, b) => sign * compare(a.row, b.row) || a.place - b.place)
      .forEach(({ row }) => body.append(row));
    for (const other of header.parentNode.cells) other.removeAttribute('aria-sort');
    header.setAttribute('aria-sort', sign > 0 ? 'ascending' : 'descending');
  });
}
