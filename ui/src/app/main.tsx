import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { ErrorBoundary } from '../components/error-boundary';
import { createApi } from '../lib/api';
import { AppRoutes } from './routes';
import { FailedPage } from './failed-page';
import { startServiceWorker } from './service-worker';
import './mantine';
import './base.css';
import { Themed } from './themed';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

createRoot(root).render(
  <StrictMode>
    <Themed>
      <BrowserRouter>
        <ErrorBoundary fallback={(error) => <FailedPage error={error} />}>
          <AppRoutes api={createApi()} />
        </ErrorBoundary>
      </BrowserRouter>
    </Themed>
  </StrictMode>,
);

startServiceWorker();
