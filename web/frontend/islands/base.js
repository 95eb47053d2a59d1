import htmx from 'htmx.org';
import '../css/frame.css';
import '../css/inbox.css';
import '../css/task.css';
import '../css/feedback.css';
import '../css/campaigns.css';
import '../css/operations.css';
import '../css/entrance.css';
import '../css/narrow.css';
import '../css/print.css';
import '../css/desk.css';
import '../css/administration.css';
import '../lib/demand.js';
import '../lib/dialogs.js';
import '../lib/fold.js';
import '../lib/keys.js';
import '../lib/tabs.js';

window.htmx = htmx;
