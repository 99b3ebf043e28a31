const fills = ['var(--chart-1)', 'var(--chart-2)', 'var(--chart-3)', 'var(--chart-4)', 'var(--chart-5)', 'var(--chart-6)'];

/** The same place in a list of series has the same colour in every chart of a page. */
export const fillOf = (i: number) => fills[i % fills.length] ?? '';
