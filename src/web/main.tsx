import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter, Route, Routes } from 'react-router';
import { ApiFailure } from './client.ts';
import { Frame } from './parts/frame.tsx';
import { MissingPage } from './pages/missing.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { StudiesPage } from './pages/studies.tsx';
import { StudyPage } from './pages/study.tsx';
import './style.css';

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    // A session that ends while a page is open: asking who is signed in leads to the sign-in.
    onError: (error, query) => {
      const ended = error instanceof ApiFailure && error.status === 401;
      if (ended && query.queryKey[0] !== 'me') {
        void queries.invalidateQueries({ queryKey: ['me'] });
      }
    },
  }),
  defaultOptions: {
    queries: {
      retry: (count, error) => count < 2 && !(error instanceof ApiFailure && error.status >= 400),
    },
  },
});

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element with the id "root"');

createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <BrowserRouter>
        <Routes>
          <Route path="/sign-in" element={<SignInPage />} />
          <Route element={<Frame />}>
            <Route index element={<StudiesPage />} />
            <Route path="/studies/:studyUid" element={<StudyPage />} />
            <Route path="*" element={<MissingPage />} />
          </Route>
        </Routes>
      </BrowserRouter>
    </QueryClientProvider>
  </StrictMode>,
);
