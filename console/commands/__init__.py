"""The commands, a file per group: each reads its arguments, calls one function below, and shows what came back."""
