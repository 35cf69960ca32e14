"""What a GPU runs, in Triton. Arguments that are tensors of torch come in as pointers."""
