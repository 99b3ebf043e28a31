import { expect, it } from 'vitest';

import { csvOf } from './csv';

it('writes rows that a spreadsheet reads as they are, and runs nothing that a chat is called', () => {
  expect(
    csvOf([
      ['Чат', 'Messages'],
      ['Каса, "розробка"', '1\u202f204'],
      ['=HYPERLINK("http://x")', '12,345'],
      ['-1002988379206', '7%'],
    ]),
  ).toBe('Чат,Messages\r\n"Каса, ""розробка""",1204\r\n"\'=HYPERLINK(""http://x"")",12345\r\n-1002988379206,7%\r\n');
});
