import { ChartColumn, Download, Table2 } from 'lucide-react';
import { useId, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';

import { Card } from '@/components/page';
import { Button } from '@/components/ui/button';
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from '@/components/ui/table';
import { Tooltip } from '@/components/ui/tooltip';
import { csvOf, saveAs } from '@/lib/csv';

interface ChartRow {
  key: string;
  /** One per column; the first names the row. */
  cells: readonly ReactNode[];
  /** The list behind the row. */
  to?: string | undefined;
  /** The list behind a number, by its column; 0 names the row. */
  links?: readonly (string | undefined)[];
}

interface ChartCardProps {
  title: string;
  /** What the chart says, in a sentence: seen by all, and what a screen reader gets instead of marks. */
  summary: ReactNode;
  columns: readonly string[];
  rows: readonly ChartRow[];
  actions?: ReactNode;
  className?: string;
  /** The chart. */
  children: ReactNode;
}

/** A chart that can be read as a table too. */
export function ChartCard({ title, summary, columns, rows, actions, className, children }: ChartCardProps) {
  const { t } = useTranslation(['analytics', 'common']);
  const [asTable, setAsTable] = useState(false);
  const id = useId();
  const table = useRef<HTMLDivElement>(null);
  // What is shown, so that the two cannot differ. The mark at the start tells spreadsheets that it is UTF-8.
  const save = () => {
    const shown = [...(table.current?.querySelectorAll('tr') ?? [])].map((row) => [...row.cells].map(({ textContent }) => textContent.trim()));
    saveAs(`${title}.csv`, 'text/csv', `\uFEFF${csvOf(shown)}`);
  };
  const label = asTable ? t('chart.showChart', { title }) : t('chart.showTable', { title });
  return (
    <Card
      title={title}
      {...(className ? { className } : {})}
      actions={
        <>
          {actions}
          {asTable ? (
            <Tooltip label={t('chart.csv', { title })}>
              <Button variant="ghost" size="icon-sm" aria-label={t('chart.csv', { title })} onClick={save}>
                <Download aria-hidden />
              </Button>
            </Tooltip>
          ) : null}
          <Tooltip label={label}>
            <Button variant="ghost" size="icon-sm" aria-label={label} aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
              {asTable ? <ChartColumn aria-hidden /> : <Table2 aria-hidden />}
            </Button>
          </Tooltip>
        </>
      }
    >
      <div className="p-4">
        <p id={id} className="mb-3 text-sm text-pretty text-muted">
          {summary}
        </p>
        {asTable ? (
          <div ref={table} className="max-h-96 overflow-y-auto">
            <Table>
              <caption className="sr-only">{title}</caption>
              <TableHeader>
                <TableRow>
                  {columns.map((column, i) => (
                    <TableHead key={column} className={i > 0 ? 'text-right' : ''}>
                      {column}
                    </TableHead>
                  ))}
                </TableRow>
              </TableHeader>
              <TableBody>
                {rows.map(({ key, cells, to, links }) => (
                  <TableRow key={key}>
                    {cells.map((cell, i) => (
                      <TableCell key={columns[i]} className={i > 0 ? 'text-right tabular-nums' : ''}>
                        {(i === 0 && to) || links?.[i] ? (
                          <Link to={links?.[i] ?? to ?? ''} className="text-primary-text underline underline-offset-4">
                            {cell}
                          </Link>
                        ) : (
                          cell
                        )}
                      </TableCell>
                    ))}
                  </TableRow>
                ))}
              </TableBody>
            </Table>
          </div>
        ) : (
          <div role="group" aria-label={title} aria-describedby={id}>
            {children}
          </div>
        )}
      </div>
    </Card>
  );
}
