import bell from '#icons/bell.svg?raw';
import checkbox from '#icons/checkbox.svg?raw';
import clipboardText from '#icons/clipboard-text.svg?raw';
import fileText from '#icons/file-text.svg?raw';
import hierarchy from '#icons/hierarchy-2.svg?raw';
import listCheck from '#icons/list-check.svg?raw';
import settings from '#icons/settings.svg?raw';
import star from '#icons/star.svg?raw';
import tool from '#icons/tool.svg?raw';
import zoomCheck from '#icons/zoom-check.svg?raw';

/** Pictures of the house templates. */
export const ICONS = {
  bell,
  checkbox,
  'clipboard-text': clipboardText,
  'file-text': fileText,
  'hierarchy-2': hierarchy,
  'list-check': listCheck,
  settings,
  star,
  tool,
  'zoom-check': zoomCheck,
};
