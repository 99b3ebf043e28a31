import analytics from './analytics.json';
import clauses from './clauses.json';
import common from './common.json';
import dashboard from './dashboard.json';
import hearing from './hearing.json';
import messages from './messages.json';
import review from './review.json';
import settings from './settings.json';
import status from './status.json';
import tasks from './tasks.json';

export default { common, dashboard, messages, tasks, review, analytics, settings, status, hearing, clauses };
