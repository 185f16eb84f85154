import { createRoot } from 'react-dom/client';
import { claimTab } from '../client/claim-tab.ts';
import { App } from './app/App.tsx';
import { applySettings } from './settings/settings.ts';
import './styles/tokens.css';
import './styles/app.css';

applySettings();
await claimTab(sessionStorage, isSecureContext ? navigator.locks : undefined);
const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<App />);
