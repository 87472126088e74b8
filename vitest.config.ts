import { execFileSync } from 'node:child_process'
import { playwright } from '@vitest/browser-playwright'
import { defineConfig } from 'vitest/config'
import { chromiumOptions } from './test/browser/chromium.ts'

// The script that workers run is made of src/: always of what src/ is now.
execFileSync(process.execPath, ['scripts/build-worker.mjs'], { stdio: 'inherit' })

const isolated = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' }
const define = { __LANEFIT_SINGLE_FILE__: 'false' }

export default defineConfig({
  test: {
    projects: [
      {
        define,
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.browser.test.ts'],
          // Packing, launching a browser, training: seconds on a slow machine.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        define,
        // Isolated, so that there are threads.
        server: { headers: isolated },
        // Found by Vite only while the tests run, they would make it reload the page.
        optimizeDeps: { include: ['fast-check', 'd3-dsv', '@assemblyscript/loader'] },
        test: {
          name: 'chromium',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.node.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({ launchOptions: await chromiumOptions() }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
})
