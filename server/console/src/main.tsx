/** The status page's entry. */

import { createRoot } from 'react-dom/client'
import { StatusPage } from './status-page.tsx'
import './status-page.css'

const root = document.getElementById('root')
if (root !== null) createRoot(root).render(<StatusPage />)
