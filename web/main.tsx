import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import { applySettings } from './settings/settings.ts';
import './styles/tokens.css';
import './styles/app.css';

applySettings();
const root = document.getElementById('root');
if (root !== null) createRoot(root).render(<App />);
