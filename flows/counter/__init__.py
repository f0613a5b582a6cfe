"""What is started beside the path, from the forms under Deployments."""
