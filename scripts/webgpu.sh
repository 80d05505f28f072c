# Sourced by scripts/test --device webgpu: brings the native ONNX Runtime library with the WebGPU provider, and a Vulkan device made of software where there
# is a recipe for one. Whatever cannot be had is said here, and the tests that need it skip saying so.

# restore_webgpu_library: npm's onnxruntime-node into artifacts/native, by the npm client and its own settings. Only its native library is used.
restore_webgpu_library() {
  local manifest="$root/tests/LocalInference.Onnx.Gpu.Tests/native" target="$root/artifacts/native"
  if [ -e "$target/restored" ] && cmp -s "$manifest/package-lock.json" "$target/restored"; then return 0; fi
  if ! command -v npm >/dev/null 2>&1; then
    echo "npm is missing, which restores the onnxruntime library with WebGPU (onnxruntime-node): install Node.js with npm." >&2
    return 0
  fi
  mkdir -p "$target"
  cp "$manifest/package.json" "$manifest/package-lock.json" "$target/"
  # Without scripts: the package's own would download a CUDA provider.
  if ! (cd "$target" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2); then
    echo "npm cannot restore onnxruntime-node here." >&2
    return 0
  fi
  rm -rf "$target"/node_modules/onnxruntime-node/bin/*/{darwin,win32}
  cp "$manifest/package-lock.json" "$target/restored"
}

# use_software_gpu: a Vulkan device on the processor, unless the environment chooses Vulkan's layers or drivers itself.
use_software_gpu() {
  local setup="${LOCALINFERENCE_SOFTWARE_GPU:-$root/../shared/tools/software-gpu}/setup.sh" environment
  if [ -n "${VK_INSTANCE_LAYERS:-}${VK_DRIVER_FILES:-}${VK_ICD_FILENAMES:-}" ] || [ ! -e "$setup" ]; then return 0; fi
  if environment=$(bash "$setup" "$root/artifacts/software-gpu"); then
    eval "$environment"
  else
    echo "The software Vulkan device cannot be set up here ($setup)." >&2
  fi
}
