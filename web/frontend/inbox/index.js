/** The list and what is open beside it, also when that is a page of its own: keys, several at once, taking back. */
import './batch.js';
import './fresh.js';
import './keys.js';
import './pane.js';
import './undo.js';
