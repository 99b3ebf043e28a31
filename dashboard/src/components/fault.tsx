import { CircleAlert, Compass, RefreshCw } from 'lucide-react';
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation, useNavigate, useRouteError } from 'react-router';

import { Page } from '@/components/page';
import { State } from '@/components/states';
import { Button } from '@/components/ui/button';

/** After an update of the server the old page's chunks are gone. */
function isChunkFault(error: unknown): boolean {
  return error instanceof Error && /dynamically imported module|Importing a module script failed|error loading dynamically/i.test(error.message);
}

function Fault({ error, retry }: { error: unknown; retry: () => void }) {
  const { t } = useTranslation();
  if (isChunkFault(error)) {
    return (
      <State
        icon={RefreshCw}
        title={t('states.chunkTitle')}
        text={t('states.chunkText')}
        actions={<Button variant="primary" onClick={() => location.reload()}>{t('actions.reload')}</Button>}
      />
    );
  }
  const details = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return (
    <div role="alert">
      <State
        icon={CircleAlert}
        tone="danger"
        title={t('states.crashTitle')}
        text={t('states.crashText')}
        actions={
          <>
            <Button variant="primary" onClick={retry}>{t('actions.retry')}</Button>
            <Button onClick={() => location.reload()}>{t('actions.reload')}</Button>
          </>
        }
      />
      <details className="mx-auto max-w-2xl px-6 pb-8 text-xs text-muted">
        <summary className="cursor-pointer coarse:py-3.5">{t('states.crashDetails')}</summary>
        <pre className="mt-2 overflow-x-auto rounded-md bg-sunken p-3 font-mono whitespace-pre-wrap">{details}</pre>
      </details>
    </div>
  );
}

/** A page that failed, inside the shell. */
export function RouteFault() {
  const error = useRouteError();
  const navigate = useNavigate();
  const location = useLocation();
  return <Fault error={error} retry={() => void navigate({ pathname: location.pathname, search: location.search }, { replace: true })} />;
}

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Page title={t('states.notFoundTitle')}>
      <State
        icon={Compass}
        title={t('states.notFoundText')}
        actions={
          <Button asChild>
            <Link to="/">{t('states.toDashboard')}</Link>
          </Button>
        }
      />
    </Page>
  );
}

interface BoundaryState {
  error: unknown;
}

/** Around a widget: it fails alone, its neighbours go on. */
export class WidgetBoundary extends Component<{ children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { error: null };

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { error };
  }

  override componentDidCatch(error: unknown, info: ErrorInfo): void {
    console.error('a widget failed', error, info.componentStack);
  }

  override render(): ReactNode {
    return this.state.error ? <Fault error={this.state.error} retry={() => this.setState({ error: null })} /> : this.props.children;
  }
}
