const KINDS = {
  Cancel: '取消',
  Compensate: '补偿',
  Conditional: '条件',
  Error: '错误',
  Escalation: '升级',
  Link: '链接',
  Message: '消息',
  Signal: '信号',
  Terminate: '终止',
  Timer: '定时',
};
const PLACES = {
  Start: '开始',
  'Intermediate Catch': '中间捕获',
  'Intermediate Throw': '中间抛出',
  Boundary: '边界',
  End: '结束',
};

function* names() {
  for (const [place, chinese] of Object.entries(PLACES)) {
    yield [`${place} Event`, `${chinese}事件`];
    for (const [kind, what] of Object.entries(KINDS)) {
      yield [`${kind} ${place} Event`, `${what}${chinese}事件`];
      yield [`${kind} ${place} Event (Non Interrupting)`, `${what}${chinese}事件（不中断）`];
    }
  }
}

/** Chinese of the events as the head of the properties panel names them: what kind, and where it stands. */
export const EVENTS = Object.fromEntries(names());
