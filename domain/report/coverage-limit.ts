/** Below this share of measured hours a figure needs a waiver, and the warning stands in the file (esg.md). */
export const coverageLimit = 0.95;
