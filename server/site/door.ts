/** How a machine comes to us: network boot, a medium, or the client in its installed system. */
export type Door = 'pxe' | 'media' | 'client'
