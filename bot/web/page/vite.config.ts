// How the page is built: the page and the snippet for other people's pages, three.js in its own lazy chunk, nothing inlined (the CSP forbids it), licences beside it.
import { readFileSync } from 'node:fs'
import { defineConfig, type Plugin } from 'vite'

const BUNDLED = ['three', '@pixiv/three-vrm', 'preact', '@preact/signals', '@preact/signals-core']

/** Writes the notices of what is bundled to assets/licences.txt, as their licences ask. */
function licences(): Plugin {
  return {
    name: 'licences',
    generateBundle() {
      const notices = BUNDLED.map((name) => {
        const folder = new URL(`node_modules/${name}/`, import.meta.url)
        const { version, license } = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'))
        return `${name} ${version} (${license})\n\n${readFileSync(new URL('LICENSE', folder), 'utf8').trim()}\n`
      })
      const head = '知音 Zhiyin: Apache-2.0\n此页面包含以下开源软件。 This page contains the following open-source software.\n'
      this.emitFile({ type: 'asset', fileName: 'assets/licences.txt', source: [head, ...notices].join(`\n${'-'.repeat(72)}\n\n`) })
    },
  }
}

export default defineConfig({
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  plugins: [licences()],
  build: {
    outDir: 'dist',
    assetsDir: 'assets',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { index: 'index.html', embed: 'src/embed.ts' },
      output: { entryFileNames: (chunk) => (chunk.name === 'embed' ? 'embed.js' : 'assets/[name]-[hash].js') },
    },
    target: 'es2022',
    chunkSizeWarningLimit: 900,
  },
})
