"""The engine on GPUs: the same forward pass over fixed buffers, by kernels of ours, replayed as CUDA graphs."""
