import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { Problem } from '../components/problem';
import { ErrorBoundary } from '../components/error-boundary';
import { createApi } from '../lib/api';
import { AppRoutes } from './routes';
import './mantine';
import './base.css';
import { theme } from './theme';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root');

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} forceColorScheme="dark">
      <BrowserRouter>
        <ErrorBoundary fallback={<Problem kind="unexpected" onRetry={() => location.reload()} />}>
          <AppRoutes api={createApi()} />
        </ErrorBoundary>
      </BrowserRouter>
    </MantineProvider>
  </StrictMode>,
);
