import { el } from '../workspace/dom.js';
import { t } from '../words/text.js';

/** The dry run's clock, and what moves it: by a day, by working days, to what falls due next. */
export function clock({ now, next_due: next }, step) {
  const moves = [
    [t('+1 小时'), { do: 'wait', for: 'PT1H' }],
    [t('+1 天'), { do: 'wait', for: 'P1D' }],
    [t('+1 个工作日'), { do: 'wait', for: '1 working day' }],
    ...(next ? [[t('到 {next}', { next }), { do: 'next' }]] : []),
  ];
  return el(
    'div',
    { class: 'sandbox-clock', role: 'group', 'aria-label': t('时间') },
    el('b', { class: 'num' }, now),
    ...moves.map(([words, body]) =>
      el('button', { type: 'button', class: 'btn btn-sm', 'data-do': body.do, onclick: () => step(body) }, words),
    ),
  );
}
