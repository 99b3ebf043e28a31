import { z } from 'zod';

// Without this zod tries `new Function` for speed, which the Content-Security-Policy refuses and reports.
z.config({ jitless: true });

export { z };
